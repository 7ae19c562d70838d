import { FormGroup, Input, Label } from '@adminjs/design-system'
import { useTranslation } from 'adminjs'
import React from 'react'

/** Two ends of a range, as a list's address says them: `NAME~~from` and `NAME~~to`. */
export function RangeFilter({ property, filter, onChange, words, input, read, write }) {
  const { translateProperty } = useTranslation()
  const ends = ['from', 'to'].map((end, index) => ({ key: `${property.path}~~${end}`, word: words[index] }))
  return (
    <FormGroup variant="filter">
      <Label>{translateProperty(property.label, property.resourceId)}</Label>
      {ends.map(({ key, word }) => (
        <div key={key} style={{ display: 'flex', alignItems: 'center', gap: 8, marginBottom: 6 }}>
          <label htmlFor={`filter-${key}`} style={{ width: 64, fontSize: 12 }}>
            {word}
          </label>
          <Input
            id={`filter-${key}`}
            name={`filter-${key}`}
            {...input}
            value={(read ?? String)(filter[key] ?? '')}
            onChange={(event) => onChange(key, (write ?? String)(event.target.value))}
          />
        </div>
      ))}
    </FormGroup>
  )
}
