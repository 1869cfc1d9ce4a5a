/** One way of a file of dbmate: its line `-- migrate:up` or `-- migrate:down`, and what stands below. */
export type DbmateWay = {
  /** Where its line begins. */
  readonly at: number;
  /** Where its line ends. */
  readonly bodyAt: number;
  /** What the line says behind the word, such as `transaction:false`. */
  readonly options: string;
};

/** Both ways of a file of dbmate; neither is there in plain SQL. */
export function readDbmateWays(sql: string): {
  readonly up: DbmateWay | undefined;
  readonly down: DbmateWay | undefined;
} {
  return { up: readWay(sql, /^--\s*migrate:up(.*)$/m), down: readWay(sql, /^--\s*migrate:down(.*)$/m) };
}

function readWay(sql: string, line: RegExp): DbmateWay | undefined {
  const found = line.exec(sql);
  return found === null
    ? undefined
    : { at: found.index, bodyAt: found.index + found[0].length, options: found[1] ?? '' };
}
