const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/** Text for a shell that has these variables no more. */
export const shellUnset = (names: readonly string[]): string => `unset ${names.join(' ')}\n`;

/** Text for a shell to read with `.` or `eval`: one `export` a variable. */
export const shellExports = (env: { readonly [name: string]: string }): string =>
  Object.entries(env)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
