'use strict';
// Sorting, tabs, and what a link leads to is unfolded. Without this script the page shows everything, one panel below the other.
(() => {
  const make = (name, attributes, children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  const compare = (kind, a, b) => {
    if (a === b) return 0;
    if (a === '') return 1;
    if (b === '') return -1;
    return kind === 'number' ? Number(b) - Number(a) : a.localeCompare(b);
  };

  for (const table of document.querySelectorAll('table.sortable')) {
    const body = table.tBodies[0];
    const original = [...body.rows];
    const heads = [...table.querySelectorAll('th[data-sort]')];
    heads.forEach((head, column) => {
      const button = make('button', { type: 'button' }, [...head.childNodes]);
      head.append(button);
      button.addEventListener('click', () => {
        const kind = head.dataset.sort;
        // Numbers from the highest, text from A; a second click turns it round, a third gives the suite's order again.
        const first = kind === 'number' ? 'descending' : 'ascending';
        const second = kind === 'number' ? 'ascending' : 'descending';
        const now = head.getAttribute('aria-sort');
        const next = now === null ? first : now === first ? second : null;
        for (const other of heads) other.removeAttribute('aria-sort');
        if (next === null) return body.append(...original);
        head.setAttribute('aria-sort', next);
        const key = (row) => row.cells[column].dataset.value;
        // Missing values stay at the end either way.
        const turned = (a, b) => (next === first || a === '' || b === '' ? compare(kind, a, b) : compare(kind, b, a));
        body.append(...original.toSorted((a, b) => turned(key(a), key(b))));
      });
    });
  }

  for (const group of document.querySelectorAll('.tabs')) {
    const panels = [...group.querySelectorAll(':scope > .panel')];
    if (panels.length < 2) continue;
    const tabs = panels.map((panel) => make('button', { type: 'button', role: 'tab', id: `tab-${panel.id}`, 'aria-controls': panel.id }, [panel.dataset.tab]));
    const show = (index, focus) => {
      panels.forEach((panel, at) => panel.classList.toggle('hidden', at !== index));
      tabs.forEach((tab, at) => {
        tab.setAttribute('aria-selected', String(at === index));
        tab.tabIndex = at === index ? 0 : -1;
      });
      if (focus) tabs[index].focus();
    };
    panels.forEach((panel, index) => {
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', `tab-${panel.id}`);
      tabs[index].addEventListener('click', () => show(index, false));
      tabs[index].addEventListener('keydown', (event) => {
        const last = panels.length - 1;
        const to = { ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index === 0 ? last : index - 1, Home: 0, End: last }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        show(to, true);
      });
    });
    group.prepend(make('div', { role: 'tablist', 'aria-label': 'Protocol' }, tabs));
    const fromAddress = () => panels.findIndex((panel) => `#${panel.id}` === location.hash);
    show(Math.max(0, fromAddress()), false);
    window.addEventListener('hashchange', () => fromAddress() >= 0 && show(fromAddress(), false));
  }

  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target?.closest('details:not([open])');
    if (!folded) return;
    folded.open = true;
    target.scrollIntoView();
  };
  unfold();
  window.addEventListener('hashchange', unfold);
})();
