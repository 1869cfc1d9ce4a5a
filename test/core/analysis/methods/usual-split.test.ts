import { stepExposure, usualRequests, type Exposure } from '../../../../src/core/analysis/methods/usual-split';

const pair = (canary: number, control: number) => ({ canaryBad: 0, controlBad: 0, canary, control });

describe('the usual split of a tick', () => {
  it('is the declared one at first, and what it turned out to be later', () => {
    const usual = { share: 0.1, requests: 100 };
    let exposure: Exposure = [0, 0];
    expect(usualRequests(exposure, usual)[0]).toBeCloseTo(10, 9);
    for (let i = 0; i < 400; i += 1) exposure = stepExposure(exposure, pair(2, 8), 15, usual);
    const [canary, control] = usualRequests(exposure, usual);
    expect(canary + control).toBeCloseTo(100, 9);
    expect(canary).toBeGreaterThan(15);
    expect(canary).toBeLessThan(20);
  });

  it('follows a declared step of the traffic at once', () => {
    let exposure: Exposure = [0, 0];
    for (let i = 0; i < 40; i += 1) exposure = stepExposure(exposure, pair(1, 9), 15, { share: 0.1, requests: 100 });
    expect(usualRequests(exposure, { share: 0.5, requests: 100 })[0]).toBeCloseTo(50, 6);
  });

  it.each([undefined, { share: 0, requests: 100 }, { share: 1, requests: 100 }])('is none for %j', (usual) => {
    expect(usualRequests([5, 5], usual)).toEqual([0, 0]);
    expect(stepExposure([5, 5], pair(1, 1), 15, usual)).toEqual([5, 5]);
  });
});
