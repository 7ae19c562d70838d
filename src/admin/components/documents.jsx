import { Box, Label } from '@adminjs/design-system'
import React from 'react'

const FORMATS = { pdf: 'PDF', cii: 'E-invoice (CII)', ubl: 'E-invoice (UBL)' }

/** The files of an invoice or a credit note. */
export default function Documents({ record }) {
  return (
    <Box mb="xl">
      <Label>Download</Label>
      <div style={{ display: 'flex', gap: 16, marginTop: 8 }}>
        {Object.entries(FORMATS).map(([format, word]) => (
          <a key={format} href={`/admin/data/documents/${record.id}/${format}`} style={{ color: '#2a4bd7' }} download>
            {word}
          </a>
        ))}
      </div>
    </Box>
  )
}
