/** Something a person has to mend: what is missing, why it is needed or why it failed, and the way out. */
export function createProblem({ what, why, wayOut }) {
  return Object.assign(new Error(what), { isProblem: true, what, why, wayOut });
}

/** The lines shown to the person, without a stack trace unless it is a fault of ours. */
export function describeProblem(error) {
  if (!error.isProblem) return `✗ The set-up itself failed: ${error.stack ?? error}`;
  return [`✗ ${error.what}`, `  Why:     ${error.why}`, `  Way out: ${error.wayOut}`].join('\n');
}
