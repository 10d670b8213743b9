package api

import "github.com/hookline/hookline/internal/contract"

// SystemAPI serves the contract itself.
type SystemAPI struct{ contract *contract.Contract }

// NewSystemAPI makes the API.
func NewSystemAPI(c *contract.Contract) *SystemAPI { return &SystemAPI{c} }
