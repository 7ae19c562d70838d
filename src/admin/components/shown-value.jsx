import { ValueGroup } from '@adminjs/design-system'
import { useTranslation, ViewHelpers } from 'adminjs'
import React from 'react'
import { Link } from 'react-router-dom'

const paths = new ViewHelpers()

/**
 * A value in a list as it is, and with its label on a row's page. One column of a list leads to the page of its row, for
 * those who do not click on rows.
 */
export function ShownValue({ where, property, record, children, align }) {
  const { translateProperty } = useTranslation()
  if (where === 'list') {
    const { id: recordId, recordActions } = record
    const isWay = property.custom.leadsToRow && recordActions.some(({ name }) => name === 'show')
    const to = isWay ? paths.recordActionUrl({ resourceId: property.resourceId, recordId, actionName: 'show' }) : null
    return (
      <span style={{ display: 'block', textAlign: align ?? 'left' }}>
        {to === null ? (
          children
        ) : (
          <Link to={to} style={{ color: 'inherit' }}>
            {children}
          </Link>
        )}
      </span>
    )
  }
  return <ValueGroup label={translateProperty(property.label, property.resourceId)}>{children}</ValueGroup>
}

export const NONE = <span>–</span>

export const TABULAR = { fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }
