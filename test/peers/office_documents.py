"""Writes a document of each kind into a folder, with the usual writers of each: office_documents.py FOLDER."""

import datetime
import sys
from pathlib import Path

import docx
import openpyxl
import pptx
from docx.oxml import OxmlElement
from ebooklib import epub
from openpyxl.styles import Font


def word(path):
    document = docx.Document()
    document.add_heading("Staff handbook", 0)
    document.add_heading("Leave", 1)
    document.add_paragraph("Everyone has 30 days of leave.")
    for step in ("Ask your team.", "Fill in form L-7."):
        document.add_paragraph(step, style="List Number")
    hidden = document.add_paragraph("Carry over ends in March.").add_run(" Not for print.")
    hidden.font.hidden = True
    deleted = OxmlElement("w:del")
    run = OxmlElement("w:r")
    run.append(OxmlElement("w:delText"))
    run[0].text = "It never ends."
    deleted.append(run)
    document.paragraphs[-1]._p.append(deleted)
    document.add_heading("Rates", 2)
    rates = document.add_table(rows=0, cols=2)
    for left, right in (("Country", "Rate"), ("Norway", "a|b"), ("Chile", "31")):
        cells = rates.add_row().cells
        cells[0].text, cells[1].text = left, right
    document.sections[0].header.paragraphs[0].text = "Confidential"
    document.save(path)


def slides(path):
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = "Quarterly review"
    first.placeholders[1].text = "Autumn"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "Results"
    body = second.placeholders[1].text_frame
    body.text = "Sales grew"
    body.add_paragraph().text = "mostly in Chile"
    body.paragraphs[1].level = 1
    second.notes_slide.notes_text_frame.text = "Thank the team in Santiago."
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "By country"
    cells = third.shapes.add_table(2, 2, 0, 0, 3_000_000, 800_000).table
    for row, values in enumerate((("Country", "Sales"), ("Chile", "42"))):
        for column, value in enumerate(values):
            cells.cell(row, column).text = value
    hidden = deck.slides.add_slide(deck.slide_layouts[5])
    hidden.shapes.title.text = "Old plan"
    hidden._element.set("show", "0")
    order = deck.slides._sldIdLst
    order.insert(1, order[2])
    deck.save(path)


def workbook(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Orders"
    sheet.append(["Orders of 2026"])
    sheet.append([])
    sheet.append(["Order", "Date", "Price", "Share", "Note"])
    sheet.append(["P-1", datetime.date(2026, 3, 1), 1234.5, 0.125, "two\nlines"])
    sheet.append(["P-2", datetime.datetime(2026, 3, 2, 14, 30), 7, 1, "a|b"])
    for row in (4, 5):
        sheet.cell(row, 3).number_format = '#,##0.00 "€"'
        sheet.cell(row, 4).number_format = "0.0%"
    sheet["A3"].font = Font(bold=True)
    sheet.merge_cells("A1:E1")
    secret = book.create_sheet("Margins")
    secret.append(["Secret", "Margin"])
    secret.sheet_state = "hidden"
    book.save(path)


def book(path):
    volume = epub.EpubBook()
    volume.set_identifier("bees")
    volume.set_title("On bees")
    volume.set_language("en")
    chapters = []
    for name, title, body in (("b", "Dances", "They dance."), ("a", "Swarms", "They swarm in May.")):
        chapter = epub.EpubHtml(title=title, file_name=f"{name}.xhtml")
        chapter.content = f"<h1>{title}</h1><p>{body}</p>"
        volume.add_item(chapter)
        chapters.append(chapter)
    volume.toc = chapters
    volume.add_item(epub.EpubNcx())
    volume.add_item(epub.EpubNav())
    volume.spine = ["nav", *chapters]
    epub.write_epub(path, volume)


folder = Path(sys.argv[1])
word(folder / "handbook.docx")
slides(folder / "review.pptx")
workbook(folder / "orders.xlsx")
book(folder / "bees.epub")
