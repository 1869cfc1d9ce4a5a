import type { Environment } from '../core/environment/schema';
import type { Policy } from '../core/policy/schema';
import type { ConfigurationPort } from '../ports/configuration';
import type { ContractPort } from '../ports/contract';
import type { CredentialsPort } from '../ports/credentials';
import type { DeployerPort } from '../ports/deployer';
import type { FlagsPort } from '../ports/flags';
import type { MetricsPort } from '../ports/metrics';
import type { MigrationsPort } from '../ports/migrations';
import type { RunsPort } from '../ports/run-chain';
import type { SentinelPort } from '../ports/sentinel';
import type { RunFacts } from '../ports/runs';
import type { StorePort } from '../ports/store';
import type { TrafficPort } from '../ports/traffic';

/** Everything activities reach, by target name. An unknown name throws PortError Rejected. */
export type Ports = {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly sealKey: Uint8Array;
  readonly store: StorePort;
  readonly runs: RunsPort;
  traffic(target: string): TrafficPort;
  /** Who guards a traffic target without the engine; none where the environment names none. */
  sentinels(target: string): readonly SentinelPort[];
  deployer(target: string): DeployerPort;
  database(target: string): MigrationsPort;
  contracts(target: string): ContractPort;
  metrics(target: string): MetricsPort;
  /** How often the metrics system of a target takes a sample. */
  scrapeIntervalMs(target: string): number;
  configuration(target: string): ConfigurationPort;
  flags(target: string): FlagsPort;
  credentials(target: string): CredentialsPort;
  /** Tells the workflow something about its running watch. */
  signalRelease(workflowId: string, signal: string, payload: unknown): Promise<void>;
  /** Details of the last heartbeat of a pending activity; undefined when there is none. */
  lastHeartbeat(workflowId: string, runId: string, activityType: string): Promise<unknown>;
  /**
   * What Temporal knows of a run, the latest one without `runId`; undefined when there is none.
   * Throws PortError TargetUnavailable when Temporal does not answer.
   */
  describeRun(workflowId: string, runId?: string): Promise<RunFacts | undefined>;
  /** Tells Temporal not to wait for the worker that had the run in memory: it may be dead. */
  resetStickyQueue(workflowId: string, runId: string): Promise<void>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  sleep(ms: number): Promise<void>;
  /** One request to a slot, past the proxy; throws PortError when it cannot be made. */
  request(url: string, method: string, timeoutMs: number): Promise<{ readonly status: number; readonly body: string }>;
};

/** What activities ask of the engine's own server. */
export type TemporalPorts = Pick<
  Ports,
  'signalRelease' | 'lastHeartbeat' | 'describeRun' | 'resetStickyQueue' | 'runs'
>;
