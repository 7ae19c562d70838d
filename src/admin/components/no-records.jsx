import { Box, Button, Text } from '@adminjs/design-system'
import { useQueryParams } from 'adminjs'
import React from 'react'

/** Nothing yet is another thing than nothing that matches. */
export default function NoRecords() {
  const { filters, clearParams } = useQueryParams()
  const isFiltered = filters !== undefined && Object.keys(filters).length > 0
  return (
    <Box variant="white" p="xxl" style={{ textAlign: 'center' }} role="status">
      <Text mb="lg">{isFiltered ? 'Nothing matches these filters.' : 'There is nothing here yet.'}</Text>
      {isFiltered ? (
        <Button type="button" variant="outlined" onClick={() => clearParams('filters', 'page')}>
          Clear filters
        </Button>
      ) : null}
    </Box>
  )
}
