import { formatIssue } from '../../../src/core/descriptor/issue';
import { parsePolicy } from '../../../src/core/policy/parse';
import { issueOf } from '../descriptor/issue-of';

const minimal = 'apiVersion: spillway/v1\nkind: policy\nname: default\n';

describe('a policy', () => {
  it('gets every default that it leaves out', () => {
    const result = parsePolicy(minimal, 'policy.yaml');
    if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
    expect(result.value).toEqual({
      apiVersion: 'spillway/v1',
      kind: 'policy',
      name: 'default',
      roles: {},
      floors: { maxFirstCanaryPercent: 100, minBakeTime: '0s', minRollbackWindow: '0s', maxNoDataHold: '7d' },
      requiredGates: [],
      combinations: { unexercised: 'show', approvals: 1 },
      lease: { duration: '30s', sentinel: 'optional' },
      metrics: { ownQueries: 'allowed' },
      migrations: { allowances: 'allowed', superuser: 'allowed', trial: 'optional' },
      drift: { flags: 'repair', configuration: 'repair', schema: 'tell', routes: 'roll-back' },
      approvals: { requesterMayApprove: true },
    });
  });

  it.each([
    [
      'a role nobody can hold',
      'requiredGates: [{ beforeCanaryPercent: 50, from: [captain] }]',
      '4:51 role-unknown requiredGates[0].from[0]',
      'add it there first, or take it out here',
    ],
    [
      'a misspelt role',
      'roles: { captains: [ada] }\nrequiredGates: [{ beforeCanaryPercent: 50, from: [captain] }]',
      '5:51 role-unknown requiredGates[0].from[0]',
      'did you mean captains?',
    ],
    [
      'combinations put to a role nobody can hold',
      'combinations: { unexercised: gate, from: [captain] }',
      '4:43 role-unknown combinations.from[0]',
      'add it there first, or take it out here',
    ],
    [
      'a lease that no engine could renew',
      'lease: { duration: 100ms }',
      '4:20 text-malformed lease.duration',
      'write a duration from `1s` to `10m`',
    ],
    [
      'a gate before nothing',
      'requiredGates: [{ approvals: 1 }]',
      '4:17 key-missing requiredGates[0].beforeCanaryPercent',
      'add `beforeCanaryPercent: 50`',
    ],
    [
      'a share of 0',
      'floors: { maxFirstCanaryPercent: 0 }',
      '4:34 number-out-of-range floors.maxFirstCanaryPercent',
      'write a number above 0',
    ],
    ['a misspelt floor', 'floors: { minBake: 1m }', '4:11 key-unknown floors.minBake', 'did you mean minBakeTime?'],
    ['a number as a person', 'roles: { captains: [7] }', '4:21 text-not-quoted roles.captains[0]', 'quote it'],
  ])('is refused with %s', (_name, lines, issue, fix) => {
    expect(issueOf(parsePolicy(`${minimal}${lines}\n`, 'policy.yaml'))).toEqual({ issue, fix });
  });
});
