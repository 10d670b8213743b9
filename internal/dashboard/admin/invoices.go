package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

func (a *Admin) registerInvoices(e *echo.Echo) {
	a.get(e, "/admin/tenants/:id/invoices", "listInvoices", ofTenant(invoicesPage))
	a.post(e, "/admin/tenants/:id/invoices", "createInvoice", ofTenant(recordInvoice))
	a.get(e, "/admin/tenants/:id/invoices/:invoice/pay", "payInvoice", ofTenant(payInvoicePage))
	a.post(e, "/admin/tenants/:id/invoices/:invoice/pay", "payInvoice", ofTenant(payInvoice))
}

type invoiceRow struct {
	operators.Invoice
	Path, Price      string
	Paid, Start, End time.Time
	External         string
}

// Open reports whether it is unpaid.
func (r invoiceRow) Open() bool { return r.Status == operators.InvoiceStatusOpen }

func invoiceRowOf(h tenantHead, i operators.Invoice) invoiceRow {
	return invoiceRow{
		Invoice: i, Path: h.Tenant.Path + "/invoices/" + url.PathEscape(i.ID), Price: price(i.Amount, i.Currency),
		Paid: inhouse.Or(i.PaidAt), Start: inhouse.Or(i.PeriodStart), End: inhouse.Or(i.PeriodEnd),
		External: inhouse.Or(i.ExternalID),
	}
}

// price is an amount in the smallest unit of its currency, which is said, since how many make up a whole differs.
func price(amount int64, currency string) string {
	return strconv.FormatInt(amount, 10) + " " + currency
}

type tenantInvoices struct {
	tenantHead
	inhouse.Form
	inhouse.Numbered
	Rows   []invoiceRow
	Status string
}

func (v *visit) showInvoices(status int, h tenantHead, f inhouse.Form) error {
	l := tenantInvoices{tenantHead: h, Form: f}
	l.Status = v.Choice("status", "Status", "open", "paid")
	found, err := inhouse.Read[operators.InvoiceList](v.Operators.ListInvoices(v.Ctx, h.Tenant.ID,
		&operators.ListInvoicesParams{
			Page: new(v.Number()), PerPage: new(inhouse.PerPage),
			Status: inhouse.Opt[operators.InvoiceStatus](l.Status),
		}))
	if err != nil {
		return err
	}
	l.Numbered = v.Numbered(inhouse.PageMeta(found.Meta))
	for _, i := range found.Data {
		l.Rows = append(l.Rows, invoiceRowOf(h, i))
	}
	return v.render(status, "invoices", h.Tenant.Name+": invoices", l)
}

func invoicesPage(v *visit, h tenantHead) error {
	return v.showInvoices(http.StatusOK, h, inhouse.Form{})
}

func recordInvoice(v *visit, h tenantHead) error {
	body := inhouse.Body{}
	for _, name := range []string{"number", "description", "status"} {
		body.Text(name, v.Field(name))
	}
	body.Text("currency", strings.ToLower(v.Field("currency")))
	body.Integer("amount", v.Field("amount"))
	for _, name := range []string{"period_start", "period_end"} {
		body.Time(name, v.Field(name))
	}
	_, err := inhouse.Read[operators.Invoice](v.Operators.CreateInvoiceWithBody(v.Ctx, h.Tenant.ID, nil, inhouse.JSON,
		body.Reader()))
	if f, status, ok := v.Filled(err, nil); ok {
		return v.showInvoices(status, h, f)
	}
	if err != nil {
		return err
	}
	return v.Back(h.Tenant.Path+"/invoices", "invoiced")
}

type payment struct {
	tenantHead
	inhouse.Form
	Invoice invoiceRow
}

// payment is about the invoice that the address names.
func (v *visit) payment(h tenantHead) (payment, error) {
	found, err := find(func(number int) ([]operators.Invoice, operators.PageMeta, error) {
		l, err := inhouse.Read[operators.InvoiceList](v.Operators.ListInvoices(v.Ctx, h.Tenant.ID,
			&operators.ListInvoicesParams{Page: &number, PerPage: new(mostRows)}))
		return l.Data, l.Meta, err
	}, func(i operators.Invoice) bool { return i.ID == v.Param("invoice") })
	return payment{tenantHead: h, Invoice: invoiceRowOf(h, found)}, err
}

func (v *visit) showPayment(status int, p payment) error {
	return v.render(status, "payinvoice", "Invoice "+p.Invoice.Number, p)
}

func payInvoicePage(v *visit, h tenantHead) error {
	p, err := v.payment(h)
	if err != nil {
		return err
	}
	return v.showPayment(http.StatusOK, p)
}

func payInvoice(v *visit, h tenantHead) error {
	p, err := v.payment(h)
	if err != nil {
		return err
	}
	body := inhouse.Body{}
	body.Time("paid_at", v.Field("paid_at"))
	_, err = inhouse.Read[operators.Invoice](v.Operators.PayInvoiceWithBody(v.Ctx, p.Tenant.ID, p.Invoice.ID, nil,
		inhouse.JSON, body.Reader()))
	if f, status, ok := v.Filled(err, nil); ok {
		p.Form = f
		return v.showPayment(status, p)
	}
	if err != nil {
		return err
	}
	return v.Back(p.Tenant.Path+"/invoices", "paid")
}
