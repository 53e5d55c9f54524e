/**
 * Form of what jobs leave and of results.json, raised when a reader of the old form would be wrong. Every job names this
 * module among its own, so that the form is in its key: results of another form are not found, and their jobs run again.
 *
 * 2: features count their FLOPs; a record says which entries judge one encoder.
 */
export const resultVersion = 2;
