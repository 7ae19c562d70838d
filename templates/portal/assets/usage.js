// Draws what stands in `data-chart`: bars on top of each other. Colours come from the stylesheet, so that light and dark
// are its business; figures are read in the table below, to which nothing here adds.
const PALE = '80'
const charts = new Map()

function draw() {
  for (const [place, chart] of charts) {
    if (place.isConnected) continue
    chart.destroy()
    charts.delete(place)
  }
  for (const place of document.querySelectorAll('[data-chart]')) if (!charts.has(place)) charts.set(place, drawn(place))
}

function drawn(place) {
  const { labels, series, unit, currency, running } = JSON.parse(place.dataset.chart)
  const canvas = place.appendChild(document.createElement('canvas'))
  const style = getComputedStyle(document.documentElement)
  const colour = (name) => style.getPropertyValue(name).trim()
  const written =
    unit === 'money'
      ? new Intl.NumberFormat('en-US', {
          style: 'currency',
          currency,
          maximumSignificantDigits: 4,
          minimumSignificantDigits: 1,
        })
      : new Intl.NumberFormat('en-US', { notation: 'compact' })
  const axis = { ticks: { color: colour('--soft') }, grid: { color: colour('--line') }, border: { display: false } }
  return new Chart(canvas, {
    type: 'bar',
    data: {
      labels,
      datasets: series.map(({ name, values }, index) => {
        const whole = colour(`--series-${index + 1}`)
        return {
          label: name,
          data: values,
          backgroundColor: values.map((_, at) => (at === running ? whole + PALE : whole)),
          maxBarThickness: 48,
        }
      }),
    },
    options: {
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: 'index', intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: {
          itemSort: (left, right) => right.raw - left.raw,
          filter: ({ raw }) => raw !== 0,
          callbacks: { label: ({ dataset, raw }) => `${dataset.label}: ${written.format(raw)}` },
        },
      },
      scales: {
        x: {
          ...axis,
          stacked: true,
          grid: { display: false },
          ticks: { ...axis.ticks, maxRotation: 0, autoSkipPadding: 16 },
        },
        y: {
          ...axis,
          stacked: true,
          beginAtZero: true,
          ticks: { ...axis.ticks, maxTicksLimit: 6, callback: (value) => written.format(value) },
        },
      },
    },
  })
}

function redraw() {
  for (const [place, chart] of charts) {
    chart.destroy()
    place.querySelector('canvas')?.remove()
  }
  charts.clear()
  draw()
}

draw()
document.addEventListener('htmx:after:swap', draw)
document.addEventListener('htmx:after:settle', draw)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
