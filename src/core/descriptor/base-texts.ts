import { z } from 'zod';

export const bundleFile = z.string().min(1).max(200).describe('A file of the bundle, relative to the descriptor.');
export const sentence = z.string().min(1).max(500);
