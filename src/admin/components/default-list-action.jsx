import { Box, Pagination, Text } from '@adminjs/design-system'
import { RecordsTable, useQueryParams, useRecords } from 'adminjs'
import React, { useEffect } from 'react'
import { useLocation } from 'react-router-dom'
import { listQuery } from './list-query.js'
import { SavedFilters } from './saved-filters.jsx'

/** As the server counts: beyond it there are more. */
const COUNT_MAX = 10_000

/** A count that took too long. */
const UNCOUNTED = COUNT_MAX + 2

const counted = (total) =>
  total === UNCOUNTED ? 'many' : total > COUNT_MAX ? '10,000+' : String(total).replace(/\B(?=(\d{3})+$)/g, ',')

/** A list with the filters that were kept, and its way out as CSV. */
export default function DefaultListAction({ resource, setTag }) {
  const { records, loading, direction, sortBy, page, total, fetchData, perPage } = useRecords(resource.id)
  const { storeParams } = useQueryParams()
  const { search } = useLocation()
  const query = listQuery(search)
  const { window: looked, leftOut } = resource.actions.find(({ name }) => name === 'list')?.custom ?? {}
  const hasFilter = (name) => query.includes(`filters.${name}`)
  const isWindowed = looked && query.includes('filters.') && !looked.without.some(hasFilter)
  const isCut = leftOut && !leftOut.without.some(hasFilter)

  useEffect(() => {
    setTag?.(counted(total))
  }, [total, setTag])

  return (
    <Box variant="container">
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 16, justifyContent: 'space-between', marginBottom: 16 }}>
        <SavedFilters resourceId={resource.id} />
        <a
          href={`/admin/data/export/${resource.id}.csv${query === '' ? '' : `?${query}`}`}
          style={{ color: '#2a4bd7' }}
          download
        >
          Export as CSV
        </a>
      </div>
      {isCut ? (
        <Text mb="default" role="note">
          {leftOut.note}
        </Text>
      ) : null}
      {isWindowed ? (
        <Text mb="default" role="note">
          The last {looked.days} days. For what is older, choose a range in the filter.
        </Text>
      ) : null}
      <div style={{ overflowX: 'auto' }}>
        <RecordsTable
          resource={resource}
          records={records}
          actionPerformed={fetchData}
          direction={direction}
          sortBy={sortBy}
          isLoading={loading}
          selectedRecords={[]}
        />
      </div>
      <Text mt="xl" textAlign="center">
        <Pagination
          page={page}
          perPage={perPage}
          total={Math.min(total, COUNT_MAX)}
          onChange={(to) => storeParams({ page: String(to) })}
        />
      </Text>
    </Box>
  )
}
