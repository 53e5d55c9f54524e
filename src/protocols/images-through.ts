/** Images of training steps, whose backward pass counts as two forward ones, and of forward passes alone. */
export interface ImagesThrough { readonly trained: number; readonly evaluated: number }

/** Forward passes that cost as much. */
export const asForward = ({ trained, evaluated }: ImagesThrough): number => 3 * trained + evaluated;
