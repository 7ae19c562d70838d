import { Navigation } from '@adminjs/design-system'
import React from 'react'
import { useSelector } from 'react-redux'
import { useLocation, useNavigate } from 'react-router-dom'

/** The pages besides the lists: as many as the person's role may open. */
export default function SidebarPages() {
  const menu = useSelector((state) => state.session?.menu) ?? []
  const navigate = useNavigate()
  const { pathname } = useLocation()
  if (menu.length === 0) return null
  const elements = menu.map(({ label, href, icon, isOutside }) => ({
    ...{ id: href, label, href, icon, isSelected: pathname === href },
    onClick: (event) => {
      if (isOutside) return
      event.preventDefault()
      navigate(href)
    },
  }))
  return <Navigation label="Pages" elements={elements} />
}
