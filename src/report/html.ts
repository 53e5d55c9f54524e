import type { Format } from './format.js';

/** One self-contained page. The page and its charts are loaded when they are needed: echarts is large. */
export const html: Format = {
  name: 'html',
  file: 'index.html',
  render: async (data) => (await import('./html/page.js')).renderPage(data),
};
