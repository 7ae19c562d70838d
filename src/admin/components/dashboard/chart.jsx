import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js'
import React, { useEffect, useRef } from 'react'

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
)

/** Told apart without colour too: each line has a dash or a point of its own. At least 3:1 on white. */
export const SERIES = [
  { color: '#2a4bd7', dash: [], point: 'circle' },
  { color: '#b3560b', dash: [6, 4], point: 'rect' },
  { color: '#17653a', dash: [2, 3], point: 'triangle' },
  { color: '#7a3fb0', dash: [10, 4], point: 'rectRot' },
]

/**
 * A drawing of what a table beside it says as well: to a reader that cannot see it, one sentence.
 * @param series label and numbers of each; at most four
 */
export function CourseChart({ kind = 'line', labels, series, sentence, unit }) {
  const canvas = useRef(null)
  const said = JSON.stringify([kind, labels, series, unit])
  useEffect(() => {
    const [type, names, lines, of] = JSON.parse(said)
    const chart = new Chart(canvas.current, {
      type,
      data: { labels: names, datasets: lines.map((line, index) => dataset(line, index, type)) },
      options: options(of),
    })
    return () => chart.destroy()
  }, [said])
  return (
    <div className="fb-canvas">
      <canvas ref={canvas} role="img" aria-label={sentence} />
    </div>
  )
}

function dataset({ label, values }, index, type) {
  const { color, dash, point } = SERIES[index % SERIES.length]
  if (type === 'bar') return { label, data: values, backgroundColor: color, borderRadius: 3, maxBarThickness: 26 }
  return {
    ...{ label, data: values, borderColor: color, backgroundColor: color, borderDash: dash, pointStyle: point },
    ...{ borderWidth: 2, pointRadius: values.length > 40 ? 0 : 2.5, pointHoverRadius: 5, tension: 0.25 },
  }
}

function options(unit) {
  const amount = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    interaction: { mode: 'index', intersect: false },
    scales: {
      x: { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 16, color: '#4a535c' } },
      y: {
        beginAtZero: true,
        ticks: { color: '#4a535c', maxTicksLimit: 6, callback: (value) => amount.format(value) },
        title: { display: true, text: unit, color: '#4a535c' },
      },
    },
    plugins: {
      legend: { labels: { usePointStyle: true, boxHeight: 7, color: '#1c2127' } },
      tooltip: {
        callbacks: { label: ({ dataset: { label }, parsed }) => `${label}: ${amount.format(parsed.y)} ${unit}` },
      },
    },
  }
}
