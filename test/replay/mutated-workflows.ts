import { sleep } from '@temporalio/workflow';
import { contract as realContract, release as realRelease } from '../../src/workflows';

/** The real workflows with one timer more: what every recorded history must notice. */
export async function release(...args: Parameters<typeof realRelease>): ReturnType<typeof realRelease> {
  await sleep(1);
  return realRelease(...args);
}

export async function contract(...args: Parameters<typeof realContract>): ReturnType<typeof realContract> {
  await sleep(1);
  return realContract(...args);
}
