/**
 * The command of a RUN on lines again. Builders join the lines of a Dockerfile and keep their indentation: two spaces or a tab
 * outside of quotes were a line's end. What has lines of its own was a heredoc.
 */
export function layOutRun(command: string): string {
  if (command.includes('\n')) {
    // A command that reads a heredoc brings its own marker along.
    const first = command.slice(0, command.indexOf('\n'));
    if (/<<-?\s*["']?\w/.test(first)) return command.trimEnd();
    const marker = /^EOF$/m.test(command) ? 'END_OF_RUN' : 'EOF';
    return `<<${marker}\n${command.trimEnd()}\n${marker}`;
  }
  const lines = splitLines(command);
  return lines.map((line, at) => (at === 0 ? line : `    ${line}`)).join(' \\\n');
}

function splitLines(command: string): readonly string[] {
  const lines: string[] = [];
  let quote = '';
  let start = 0;
  for (let at = 0; at < command.length; at++) {
    const character = command[at] as string;
    if (quote !== '') {
      if (character === '\\' && quote === '"') at++;
      else if (character === quote) quote = '';
    } else if (character === '\\') at++;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '\t' || (character === ' ' && command[at + 1] === ' ')) {
      let end = at + 1;
      while (command[end] === ' ' || command[end] === '\t') end++;
      lines.push(command.slice(start, at));
      start = end;
      at = end - 1;
    }
  }
  lines.push(command.slice(start));
  return lines.filter((line) => line !== '');
}
