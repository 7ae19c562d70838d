import React from 'react'

/** At least 4.5:1 on white and on the grey of a hovered row. */
export const TONES = { done: '#17653a', waiting: '#7a5200', action: '#8a3d00', failed: '#a1180f', over: '#55606b' }

const line = { fill: 'none', strokeWidth: 2, strokeLinecap: 'round', strokeLinejoin: 'round' }

/** The shapes of the portal's badges. */
const SHAPES = {
  done: (
    <>
      <circle cx="8" cy="8" r="8" fill="currentColor" />
      <path d="M4.5 8.3 7 10.8l4.6-5.2" {...line} stroke="#fff" />
    </>
  ),
  waiting: (
    <>
      <circle cx="8" cy="8" r="7" {...line} stroke="currentColor" />
      <path d="M8 4v4.2l2.8 1.7" {...line} stroke="currentColor" />
    </>
  ),
  action: (
    <>
      <path d="M8 .8 15.6 14.4H.4Z" fill="currentColor" />
      <path d="M8 5.4v4.2M8 11.9v.2" {...line} stroke="#fff" />
    </>
  ),
  failed: (
    <>
      <rect x=".5" y=".5" width="15" height="15" rx="3" fill="currentColor" />
      <path d="m5 5 6 6m0-6-6 6" {...line} stroke="#fff" />
    </>
  ),
  over: (
    <>
      <circle cx="8" cy="8" r="7" {...line} stroke="currentColor" />
      <path d="M4.8 8h6.4" {...line} stroke="currentColor" />
    </>
  ),
}

export function ToneShape({ tone }) {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      {SHAPES[tone]}
    </svg>
  )
}
