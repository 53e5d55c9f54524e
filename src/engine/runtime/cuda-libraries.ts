/**
 * CUDA's libraries by soname, for CUDA 12 and cuDNN 9, in an order in which each finds loaded what it needs.
 * The first group is what TensorFlow opens while it starts; where one is missing it uses the CPU without a word
 * (xla/tsl/platform/default/dlopen_checker.cc). The second is what those load later by themselves.
 */
export const REQUIRED_LIBRARIES = ['libcudart.so.12', 'libcublasLt.so.12', 'libcublas.so.12', 'libcufft.so.11', 'libcusparse.so.12', 'libcusolver.so.11', 'libcudnn.so.9'] as const;
const LATER_LIBRARIES = ['libnvJitLink.so.12', 'libnvrtc.so.12', 'libnccl.so.2'] as const;

export const CUDA_LIBRARIES: readonly string[] = [...LATER_LIBRARIES, ...REQUIRED_LIBRARIES];

/** The driver's own library. */
export const DRIVER_LIBRARY = 'libcuda.so.1';
/** The oldest driver that runs programs of CUDA 12 (NVIDIA's table of minor version compatibility). */
export const OLDEST_DRIVER = '525.60.13';
