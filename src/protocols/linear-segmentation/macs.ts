/** Multiply-adds of one picture in the classifier of four blocks' tokens. `side`: patches a side. */
export const linearMacs = (width: number, classes: number, side: number): number => side * side * 4 * width * classes;
