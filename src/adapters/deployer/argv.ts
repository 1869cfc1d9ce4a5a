import { PortError } from '../../ports/errors';

export type ArgvValues = { readonly [placeholder: string]: string };

const placeholder = /\{([A-Za-z_][A-Za-z0-9_-]*)\}/g;

/** @throws PortError `Rejected` when a template is empty or names a placeholder that the command does not get. */
export function checkArgv(verb: string, argv: readonly string[], known: readonly string[]): void {
  if (!argv[0]) throw new PortError('Rejected', `command ${verb}: it has no program; write it as a list of arguments`);
  for (const argument of argv) {
    for (const [whole, name] of argument.matchAll(placeholder)) {
      if (name !== undefined && known.includes(name)) continue;
      const allowed = known.map((each) => `{${each}}`).join(' ');
      throw new PortError('Rejected', `command ${verb}: unknown placeholder ${whole} in "${argument}"; use ${allowed}`);
    }
  }
}

/**
 * The template with its placeholders replaced inside each argument, once; nothing is split or expanded again.
 * @throws PortError `Rejected` for a value that a program could take for an option or that no argument can hold.
 */
export function fillArgv(verb: string, argv: readonly string[], values: ArgvValues): readonly string[] {
  for (const [name, value] of Object.entries(values)) {
    if (value !== '' && !value.startsWith('-') && !/\p{Cc}/u.test(value)) continue;
    const why = 'it is empty, begins with "-" or holds a control character';
    throw new PortError('Rejected', `command ${verb}: {${name}} cannot be ${JSON.stringify(value)}: ${why}`);
  }
  return argv.map((argument) => argument.replace(placeholder, (whole, name: string) => values[name] ?? whole));
}
