/**
 * Milliseconds of processor time that `work` takes on this thread: for tests that hold hostile input to a bound, whatever else the
 * machine does.
 */
export function processorTime(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
