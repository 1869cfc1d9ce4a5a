import type { ContractRule } from './effects';

/** A credential that a release rotates. Which of its logins is in use is found out when the plan is made. */
export type Rotation = {
  readonly target: string;
  /** The configuration target, and its key, that name the login in use. */
  readonly configuration: string;
  readonly setting: string;
  readonly logins: readonly string[];
  /** How carefully the old login goes. */
  readonly rule: ContractRule;
};

/** What the baseline's configuration names as the login in use, or why nobody can tell. */
export type NamedLogin = { readonly login: unknown } | { readonly fault: string };
