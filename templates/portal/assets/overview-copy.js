// Copies what stands beside a button. Where the browser keeps the clipboard to itself (plain http), no button is shown.
const SHOWN_MS = 2000

if (navigator.clipboard) {
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = false
    button.addEventListener('click', async () => {
      const said = document.getElementById('copied')
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText)
        said.textContent = 'Copied.'
        button.classList.add('copied')
        setTimeout(() => button.classList.remove('copied'), SHOWN_MS)
      } catch {
        said.textContent = 'It could not be copied. Select the text instead.'
      }
    })
  }
}
