import { searchAttributeNames } from './faults';
import { call, type Temporal } from './temporal';

export type NamespaceState = { readonly namespace: string; readonly missingAttributes: readonly string[] };

/** Whether the namespace is there and has the search attributes of releases; throws where it is not. */
export async function readNamespace(temporal: Temporal): Promise<NamespaceState> {
  const { client, settings } = temporal;
  const { namespace } = settings;
  await call(temporal, {}, () => client.workflowService.describeNamespace({ namespace }));
  const found = await call(temporal, {}, () => client.connection.operatorService.listSearchAttributes({ namespace }));
  const known = Object.keys(found.customAttributes ?? {});
  return { namespace, missingAttributes: searchAttributeNames.filter((name) => !known.includes(name)) };
}
