import { Button } from '@adminjs/design-system'
import React, { useEffect, useRef, useState } from 'react'
import { fileOf, newKey, sendAct } from './ask.js'

/**
 * A form for one act. Its key is made when it is opened and again once it was done, so that a second click, or a second
 * try after a lost answer, does nothing twice. A refusal stands at its field, or above.
 * @param children gets the form, to be handed to its fields
 * @param button what pressing it does, with object and amount: a text, or a function of what was entered
 */
export function ActForm({
  act,
  hidden = {},
  initial = {},
  button,
  onDone,
  onRefused,
  children,
  isDanger = false,
  isDisabled = false,
}) {
  const [values, setValues] = useState(initial)
  const [refusal, setRefusal] = useState(null)
  const [isSending, setIsSending] = useState(false)
  const [key, setKey] = useState(newKey)
  const sending = useRef(false)
  const summary = useRef(null)
  const form = {
    values,
    set: (name, value) => setValues((before) => ({ ...before, [name]: value })),
    problemOf: (name) => (refusal?.field === name ? refusal.message : null),
    names: useRef(new Set()),
    idOf: (name) => `${act}-${key.slice(0, 6)}-${name}`,
  }
  useEffect(() => {
    if (refusal) summary.current?.focus()
  }, [refusal])

  const submit = async (event) => {
    event.preventDefault()
    if (sending.current) return
    sending.current = true
    setIsSending(true)
    setRefusal(null)
    try {
      const done = await sendAct(act, { ...(await entered(values)), ...hidden, key })
      setValues(initial)
      setKey(newKey())
      await onDone(done)
    } catch (error) {
      setRefusal(error)
      onRefused?.(error)
    } finally {
      sending.current = false
      setIsSending(false)
    }
  }
  const isAtField = refusal?.field && form.names.current.has(refusal.field)
  return (
    <form onSubmit={submit} noValidate style={{ display: 'grid', gap: 16, maxWidth: 640, alignContent: 'start' }}>
      {refusal ? (
        <div role="alert" tabIndex={-1} ref={summary} style={SUMMARY}>
          {isAtField ? <a href={`#${form.idOf(refusal.field)}`}>{refusal.message}</a> : refusal.message}
        </div>
      ) : null}
      {children?.(form)}
      <div>
        <Button
          type="submit"
          variant="contained"
          color={isDanger ? 'danger' : 'primary'}
          disabled={isSending || isDisabled}
          style={{ whiteSpace: 'normal' }}
        >
          {typeof button === 'function' ? button(values) : button}
        </Button>
      </div>
    </form>
  )
}

async function entered(values) {
  const all = await Promise.all(
    Object.entries(values).map(async ([name, value]) => [name, value instanceof File ? await fileOf(value) : value]),
  )
  return Object.fromEntries(all)
}

const SUMMARY = {
  border: '1px solid #a1180f',
  borderLeft: '6px solid #a1180f',
  background: '#fdeceb',
  color: '#5c0c06',
  padding: '10px 14px',
  borderRadius: 4,
}
