/** Text of a page as it was before it was escaped. */
export const unescape = (text: string): string =>
  text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#x27;/g, "'").replace(/&#x60;/g, '`').replace(/&#x3D;/g, '=').replace(/&amp;/g, '&');

/** Of every table with this class in a page the texts of its body's cells, row by row; flags behind a text stand in brackets. */
export const tableRows = (page: string, name: string): readonly (readonly (readonly string[])[])[] =>
  [...page.matchAll(new RegExp(`<table class="${name}">[^]*?<tbody>([^]*?)</tbody>`, 'g'))].map(([, body]) =>
    [...body!.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row]) => [...row!.matchAll(/<t[hd][^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell]) =>
      unescape(cell!.replace(/<span class="flag">([^]*?)<\/span>/g, '[$1]').replace(/<[^>]*>/g, '')).trim())));
