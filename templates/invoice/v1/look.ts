// Points on an A4 page of 595 × 842.
export const LEFT = 56
export const WIDTH = 483
export const RIGHT = LEFT + WIDTH
export const TOP = 56
/** Where the footer ends. */
export const BOTTOM = 810
/** Between a block and the next. */
export const GAP = 22

export const INK = '#14181f'
export const MUTED = '#5b6472'
export const RULE = '#d5dae2'
export const PANEL = '#f3f5f8'
export const PAID = '#1b7a4b'

export const LABEL = { size: 8.5, colour: MUTED } as const
export const BODY = { size: 9.5, colour: INK } as const
export const SMALL = { size: 8, colour: MUTED } as const
export const STRONG = { size: 9.5, colour: INK, weight: 'strong' } as const
