export const CIFAR100_SENSES: readonly (readonly [label: string, sense: string, reason: string])[] = [];
