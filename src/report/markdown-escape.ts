/** Backslashes before what Markdown reads, mentions of people (`@`) among it, and no new line. */
export const escape = (text: string): string => text.replace(/[\\`*_{}[\]<>|#~@]/g, '\\$&').replace(/\s+/g, ' ');
