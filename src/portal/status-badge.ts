/** How a state is shown: a word, a colour and a shape that say the same, so that none of them is needed alone. */
export interface StatusBadge {
  word: string
  tone: BadgeTone
}

/** Each tone has its colour and shape in `templates/portal/badge.eta`. */
export type BadgeTone = 'done' | 'waiting' | 'action' | 'failed' | 'over'

export function badge(word: string, tone: BadgeTone): StatusBadge {
  return { word, tone }
}
