import React from 'react'

export default function SidebarFooter() {
  return <span />
}
