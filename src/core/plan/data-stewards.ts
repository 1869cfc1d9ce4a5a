import type { Descriptor } from '../descriptor/schema';
import type { Policy } from '../policy/schema';

/** The role of the policy whose members decide about data: whether rows are lost, and whether the old form goes. */
export const stewardRole = 'data-steward';

/** Who decides about data: the members of the role, else whom the descriptor names; nobody when neither names anybody. */
export const dataStewards = ({ owners: { dataSteward } }: Descriptor, policy: Policy): readonly string[] =>
  policy.roles[stewardRole] ?? (dataSteward === undefined ? [] : [dataSteward]);
