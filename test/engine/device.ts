const named = process.env['MASKBENCH_TEST_DEVICE'] ?? 'cpu';
if (named !== 'cpu' && named !== 'cuda') throw new Error(`MASKBENCH_TEST_DEVICE is cpu or cuda, not '${named}'`);

/** What the tensors of tests run on: MASKBENCH_TEST_DEVICE, else cpu, also where a GPU is. */
export const testDevice: 'cpu' | 'cuda' = named;
