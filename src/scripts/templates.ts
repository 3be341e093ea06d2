/**
 * Questions of a debconf templates file and the answers that an installation that nobody watches gives: their defaults
 * (debconf-devel(7)). '' where a question has none.
 */
export function templateDefaults(text: string): ReadonlyMap<string, string> {
  const answers = new Map<string, string>();
  let question: string | undefined;
  for (const line of text.split('\n')) {
    const [, field, value = ''] = /^(Template|Default|Type):\s*(.*?)\s*$/.exec(line) ?? [];
    if (field === 'Template') question = value;
    if (question === undefined || field === undefined) continue;
    if (field === 'Default') answers.set(question, value);
    else if (field === 'Type' && !answers.has(question)) answers.set(question, value === 'boolean' ? 'false' : '');
  }
  return answers;
}
