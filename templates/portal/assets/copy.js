// Puts a secret that is shown once on the clipboard. Without script it can be marked by hand.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copy)
    const said = document.getElementById(`${button.dataset.copy}-copied`)
    try {
      await navigator.clipboard.writeText(source.textContent)
      said.textContent = 'Copied.'
    } catch {
      getSelection().selectAllChildren(source)
      said.textContent = 'Marked: copy it by the keyboard.'
    }
  })
}
