// Looks again while the page waits for something, sooner at first, and shows what has changed. Nothing else moves, so
// that focus and reading position stay. Without scripts the page reloads itself instead.
const FIRST_WAIT_MS = 500
const WAIT_MAX_MS = 30000
const GROWTH = 1.15

async function lookAgain(wait) {
  try {
    const answer = await fetch(location.href)
    const seen = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const [shown, next] = [document, seen].map((page) => page.getElementById('card'))
    if (answer.ok && next && next.innerHTML !== shown.innerHTML) {
      shown.innerHTML = next.innerHTML
      document.title = seen.title
    }
    if (answer.ok && !seen.querySelector('[data-look-again]')) return
  } catch {
    // Away for a moment: the next look will tell.
  }
  setTimeout(lookAgain, wait, Math.min(wait * GROWTH, WAIT_MAX_MS))
}

setTimeout(lookAgain, FIRST_WAIT_MS, FIRST_WAIT_MS)
