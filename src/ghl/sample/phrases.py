"""What people at a small design and web studio write down about the people they work with."""

from __future__ import annotations

INDUSTRIES: dict[str, tuple[str, ...]] = {
    "Restaurants": ("Tasca", "Kitchen", "Bistro", "Table", "Pantry"),
    "Hotels": ("House", "Rooms", "Stays", "Lodge", "Guesthouse"),
    "Architecture": ("Architects", "Studio", "Atelier", "Spaces"),
    "Retail": ("Shop", "Store", "Goods", "Supply", "Market"),
    "Health": ("Clinic", "Dental", "Physio", "Care"),
    "Legal": ("Law", "Legal", "Partners", "Notaries"),
    "Construction": ("Builders", "Roofing", "Carpentry", "Works"),
    "Education": ("Academy", "School", "Courses", "Learning"),
    "Wine and food": ("Wines", "Bakery", "Roasters", "Olive Oil", "Dairy"),
    "Fitness": ("Yoga", "Gym", "Pilates", "Climbing"),
    "Software": ("Labs", "Systems", "Software", "Data"),
    "Logistics": ("Logistics", "Freight", "Couriers", "Moves"),
}
COMPANY_WORDS = (
    "Harbour", "Cedar", "Linden", "Copper", "Blue Door", "Atlantic", "North", "Old Mill", "Lantern", "Garden",
    "Riverside", "Juniper", "Marble", "Sunday", "Cobalt", "Magnolia", "Lighthouse", "Terrace", "Foxglove", "Anchor",
    "Meadow", "Granite", "Poppy", "Saffron", "Orchard", "Hill", "Quay", "Amber", "Sparrow", "Fig",
)  # fmt: skip
JOBS = (
    "Owner", "Managing director", "Office manager", "Marketing manager", "Head of sales", "Partner", "Founder",
    "Operations lead", "Store manager", "Receptionist", "Communications", "Chef", "Project manager", "Accountant",
)  # fmt: skip
STREETS: dict[str, str] = {
    "pt": "da Rosa|do Norte|da Boavista|das Flores|de São Bento|do Carmo|Augusta|da Saudade",
    "br": "Augusta|das Palmeiras|Sete de Setembro|da Aurora|do Sol|Bela Vista|das Laranjeiras",
    "es": "Mayor|del Sol|de la Paz|San Juan|del Carmen|Nueva|de los Olmos|Real",
    "en": "Garden|Station|Mill|Church|Park|Market|Castle|Oak|Bridge|Orchard",
    "us": "Madison|Lincoln|Maple|Cedar|Franklin|Highland|Washington|Walnut",
    "ie": "Harbour|Abbey|Castle|Orchard|Mill|Strand|College",
    "de": "Linden|Bahnhof|Garten|Schiller|Mühlen|Kirch|Berliner |Rosen",
    "fr": "de la Paix|Victor Hugo|des Lilas|du Moulin|Pasteur|des Écoles|du Port",
    "it": "Garibaldi|Roma|dei Mille|Mazzini|del Corso|San Marco|Verdi",
    "nl": "Kerk|Molen|Linden|School|Dorps|Haven|Tulpen",
}
SOURCES = (
    ("website", 34), ("referral", 22), ("newsletter", 14), ("trade fair", 9), ("instagram", 9), ("google ads", 7),
    ("phone", 5),
)  # fmt: skip
TAGS = (
    ("newsletter", 40), ("lead", 45), ("customer", 22), ("vip", 5), ("partner", 4), ("event-2026", 8), ("press", 2),
    ("supplier", 3), ("cold", 9),
)  # fmt: skip
INTERESTS = ("websites", "online shops", "branding", "booking", "newsletters", "photography")
PRODUCTS = (
    ("website", "Website", "WEB-01", 380_000),
    ("shop", "Online shop", "SHOP-01", 640_000),
    ("booking", "Booking page", "BOOK-01", 145_000),
    ("brand", "Brand kit", "BRAND-01", 210_000),
    ("newsletter", "Newsletter set-up", "NEWS-01", 90_000),
    ("photo", "Photo day", "PHOTO-01", 75_000),
    ("audit", "Search audit", "SEO-01", 60_000),
    ("care", "Care plan, one year", "CARE-12", 118_800),
)
USERS = (
    ("ines", "Ines Duarte", "Europe/Lisbon"),
    ("tom", "Tom Ashworth", "Europe/London"),
    ("lena", "Lena Vogel", "Europe/Berlin"),
    ("marc", "Marc Puig", "Europe/Madrid"),
    ("dana", "Dana Rosales", "America/New_York"),
)
LOST_REASONS = (
    ("price", 34), ("no answer", 26), ("chose somebody else", 22), ("postponed", 12), ("project cancelled", 6),
)  # fmt: skip
CONTACT_NOTES = (
    "Met at the {place} fair. Wants to see two examples from the same trade before talking about money.",
    "Prefers to be called **after 16:00**; mornings are for the shop.",
    "Recommended by {other}. Said a new site has been on the list for two years.",
    "Asked whether we can take over the existing domain. Answered yes, needs the transfer code from the old agency.",
    "Does the newsletter alone on Sunday evenings, would gladly hand it over.",
    "Speaks English and {language}, writes better in {language}.",
    "Budget is decided in January. Until then only small things.",
    "Had a bad experience with an agency that never delivered. Short steps, fixed prices.",
    "Wants everything in one place: bookings, menu, vouchers. *Not* another app.",
    "Sent the photos from last summer; half of them are good enough to use.",
    "Out of office in August. Back on the first Monday of September.",
    "Two locations, one website. The second opens in spring.",
)
DEAL_NOTES = (
    "Offer sent: {product}, {amount}. They compare with one other studio and decide within two weeks.",
    "Second call. Scope is smaller now: no shop in the first step, but a booking page.",
    "{first} wants the contract in {language}. Asked our lawyer for the template.",
    "Agreed on the price, still open: who writes the texts.\n\n- [ ] texts for five pages\n- [ ] logo as vector file",
    "They need it online before the season starts. That leaves six weeks, tight but possible.",
    "Discount of 5 % promised if they sign this month and pay the first half up front.",
    "Their accountant asked for the VAT number on the offer. Corrected and sent again.",
    "Decision moved to the board meeting; {first} is in favour.",
)
RENEWAL_NOTES = (
    "Care plan runs out soon. Used nine of twelve support hours this year.",
    "Happy with the care plan, wonders about moving to quarterly payment.",
    "Asked for a report of visits before renewing. Sent the last twelve months.",
    "New person in charge of the website; introduce ourselves before the renewal date.",
)
TASKS = (
    "Call {first} back", "Send the offer to {first}", "Ask {first} for the logo as a vector file",
    "Prepare two examples for {company}", "Check the domain transfer of {company}", "Send the contract to {first}",
    "Remind {first} of the missing texts", "Book the photo day with {company}", "Review the first draft with {first}",
    "Invoice the first half to {company}", "Ask {first} for a recommendation",
)  # fmt: skip
CALLS = (
    ("First call with {first}", "interested"), ("Call about the offer", "wants to think about it"),
    ("Follow-up call", "no answer"), ("Call about the texts", "agreed"), ("Short call: dates", "agreed"),
    ("Call from {first}: question about hosting", "answered"), ("Left a message for {first}", "no answer"),
)  # fmt: skip
MEETINGS = (
    ("Kick-off with {company}", "done"), ("Workshop at {company}", "done"), ("Demo of the draft", "approved"),
    ("Coffee with {first}", "interested"), ("Review meeting", "changes wanted"), ("Visit at {company}", "no show"),
)  # fmt: skip
MAILS = (
    ("Two examples from your trade", "sent"), ("Our offer for {company}", "sent"), ("Re: texts for the new site", "answered"),
    ("Re: dates in spring", "answered"), ("Invoice for the first half", "sent"),
)  # fmt: skip
LANGUAGES = {
    "pt": "Portuguese", "br": "Portuguese", "es": "Spanish", "en": "French", "us": "Spanish", "ie": "Irish",
    "de": "German", "fr": "French", "it": "Italian", "nl": "Dutch",
}  # fmt: skip
