import { createCompileActivities } from './compile';
import { createContractActivities } from './contract';
import { createCredentialActivities } from './credentials';
import { createDeployActivities } from './deploy';
import { createDrainActivities } from './drain';
import { createDriftActivities } from './drift';
import { createEndedSettingActivities } from './ended-settings';
import { createMigrationActivities } from './migrations';
import { createObserveActivities } from './observe/observe';
import { createReadWatchActivities } from './observe/read-watch';
import type { Ports } from './ports';
import { createPreflightActivities } from './preflight';
import { createProofActivities } from './proof';
import { createReconcileActivities } from './reconcile';
import { createRecoveryActivities } from './recovery';
import { createSchemaDriftActivities } from './schema-drift';
import { createSettingActivities } from './settings';
import { createStoreActivities } from './store';
import { createTrafficActivities } from './traffic';
import { createUndoLossActivities } from './undo-losses';
import { createTrialActivities } from './trial';

/** Every activity, over one set of ports. Each is idempotent, makes one effect and reads it back. */
export const createActivities = (ports: Ports) => ({
  ...createCompileActivities(ports),
  ...createPreflightActivities(ports),
  ...createTrafficActivities(ports),
  ...createDrainActivities(ports),
  ...createDeployActivities(ports),
  ...createMigrationActivities(ports),
  ...createUndoLossActivities(ports),
  ...createContractActivities(ports),
  ...createTrialActivities(ports),
  ...createSettingActivities(ports),
  ...createCredentialActivities(ports),
  ...createDriftActivities(ports),
  ...createSchemaDriftActivities(ports),
  ...createObserveActivities(ports),
  ...createReadWatchActivities(ports),
  ...createProofActivities(ports),
  ...createReconcileActivities(ports),
  ...createEndedSettingActivities(ports),
  ...createStoreActivities(ports),
  ...createRecoveryActivities(ports),
});

export type Activities = ReturnType<typeof createActivities>;
