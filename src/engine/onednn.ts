const variable = 'TF_ENABLE_ONEDNN_OPTS';

/** Whether TensorFlow uses oneDNN once `useOneDnn` has been called: on x86-64 unless the variable turns it off. */
export const oneDnnEnabled = (): boolean => process.arch === 'x64' && !['0', 'false'].includes((process.env[variable] || '1').toLowerCase());

/**
 * Before the library loads. By itself it uses oneDNN only on processors with AVX512_VNNI or newer instructions
 * (`DefaultOneDnnPolicy` in tensorflow/core/util/port.cc), so that bits and speed would depend on a default that no result tells of.
 */
export function useOneDnn(): void {
  if (process.arch === 'x64') process.env[variable] ||= '1';
}
