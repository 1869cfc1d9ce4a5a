/** One thing a release needs, and what to do where it is missing. */
export type Check = { readonly name: string; readonly isGood: boolean; readonly detail: string };

export const good = (name: string, detail: string): Check => ({ name, isGood: true, detail });

const knownNames = ['ClientError', 'PortError'];

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The checks, or one that says why they could not be made. */
export async function check(name: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    // A check that breaks is what the doctor is asked for; a bug shows its name too.
    const isKnown = error instanceof Error && knownNames.includes(error.name);
    return [{ name, isGood: false, detail: isKnown ? messageOf(error) : `unexpected: ${messageOf(error)}` }];
  }
}
