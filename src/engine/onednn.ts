/** TensorFlow 2.9 and later use oneDNN on x86-64 Linux unless this variable turns it off. */
export const oneDnnEnabled = (): boolean => process.arch === 'x64' && !['0', 'false'].includes((process.env['TF_ENABLE_ONEDNN_OPTS'] ?? '1').toLowerCase());
