/** For `node --import`: every clock of the program is SHIFT_MILLISECONDS ahead, in its worker threads too. */
const shift = Number(process.env['SHIFT_MILLISECONDS']);
if (!Number.isFinite(shift)) throw new Error('SHIFT_MILLISECONDS is no number');
const TrueDate = Date;

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args: []) => (args.length === 0 ? new target(target.now() + shift) : new target(...args)),
  apply: (target) => new target(target.now() + shift).toString(),
  get: (target, name) => (name === 'now' ? () => target.now() + shift : Reflect.get(target, name)),
});
