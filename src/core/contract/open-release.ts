/** A release as it notes itself in a database before it takes its snapshot there. */
export type OpenRelease = {
  readonly workflowId: string;
  /** The first run of its chain. */
  readonly release: string;
  readonly service: string;
  readonly version: string;
};

/** An old form that a contract has renamed and neither dropped nor given its name back. */
export type RenamedForm = {
  readonly release: string;
  readonly migration: string;
  /** What has another name, e.g. `public.orders.customer`. */
  readonly forms: readonly string[];
};

export const nameOpenRelease = ({ workflowId, version }: OpenRelease): string => `${workflowId} (${version})`;
