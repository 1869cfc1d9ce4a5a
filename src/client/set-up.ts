import { searchAttributeNames } from './faults';
import { call, type Temporal } from './temporal';

export type NamespaceState = { readonly namespace: string; readonly missingAttributes: readonly string[] };

const keywordType = 2; // INDEXED_VALUE_TYPE_KEYWORD of Temporal's API

/** Whether the namespace is there and has the search attributes of releases; throws where it is not. */
export async function readNamespace(temporal: Temporal): Promise<NamespaceState> {
  const { client, settings } = temporal;
  const { namespace } = settings;
  await call(temporal, {}, () => client.workflowService.describeNamespace({ namespace }));
  const found = await call(temporal, {}, () => client.connection.operatorService.listSearchAttributes({ namespace }));
  const known = found.customAttributes ?? {};
  return { namespace, missingAttributes: searchAttributeNames.filter((name) => Number(known[name]) !== keywordType) };
}
