export function inPrecision(text: string, precision: string): string;
