/** Drawn for this app on a 24 × 24 grid with one stroke width. */
export const icons = {
  alert: 'M12 8v5M12 16.5v.1M10.4 4.3 2.8 17.6A1.9 1.9 0 0 0 4.4 20.5h15.2a1.9 1.9 0 0 0 1.6-2.9L13.6 4.3a1.9 1.9 0 0 0-3.2 0Z',
  check: 'M4.5 12.5l5 5 10-11',
  chevron: 'M9 5l7 7-7 7',
  clock: 'M12 7v5.2l3.2 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  down: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  edit: 'M4 20l1-4.2L16.2 4.6a1.8 1.8 0 0 1 2.6 0l.6.6a1.8 1.8 0 0 1 0 2.6L8.2 19zM14 6.8l3.2 3.2',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6Z',
  pause: 'M8 5v14M16 5v14',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.4a3.5 3.5 0 0 1 0 6.2M18 14.6c2.1.9 3.5 2.8 3.5 5.4',
  play: 'M7 4.5v15l12-7.5z',
  remove: 'M4 7h16M9.5 7V4h5v3M6.5 7l1 13.5h9l1-13.5M10 11v6M14 11v6',
  send: 'M12 15V3.5M7.5 8L12 3.5 16.5 8M6 12H4.5v8.5h15V12H18',
  up: 'M12 20V5M6.5 10.5L12 5l5.5 5.5',
} as const;

export type IconName = keyof typeof icons;
